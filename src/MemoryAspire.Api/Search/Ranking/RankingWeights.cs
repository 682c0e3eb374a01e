using System.Globalization;
using MemoryAspire.Api.Requests;

namespace MemoryAspire.Api.Search;

/// <summary>How a score is made of the match, the memory's age and its importance.</summary>
/// <param name="Context">How much the memories beside count, of what they can.</param>
internal sealed record RankingWeights(double Similarity, double Recency, double Importance, TimeSpan HalfLife, double Context)
{
    private const double WeightMax = 1_000_000;

    public static RankingWeights Default { get; } = new(1, 0, 0, TimeSpan.FromDays(7), 1);

    /// <summary>Whether the order is that of the match alone.</summary>
    public bool IsMatchOnly => Recency == 0 && Importance == 0;

    /// <summary>Reads the field; what is wrong stays with the fields.</summary>
    public static RankingWeights Read(RequestFields fields)
    {
        if (fields.Raw("ranking") is null) return Default;
        var ranking = fields.Object("ranking");
        var weights = new RankingWeights(
            ranking.Number("similarity", 0, WeightMax) ?? Default.Similarity,
            ranking.Number("recency", 0, WeightMax) ?? Default.Recency,
            ranking.Number("importance", 0, WeightMax) ?? Default.Importance,
            ReadHalfLife(ranking),
            ranking.Number("context", 0, 1) ?? Default.Context);
        fields.Adopt(ranking);
        if (weights.Similarity + weights.Recency + weights.Importance == 0) fields.Fail("ranking", "must have a weight above 0.");
        return weights;
    }

    public double Score(double match, double recency, double importance) =>
        ((Similarity * match) + (Recency * recency) + (Importance * importance)) / (Similarity + Recency + Importance);

    public double RecencyOf(DateTimeOffset updatedAt, DateTimeOffset now) =>
        now <= updatedAt ? 1 : Math.Pow(0.5, (now - updatedAt) / HalfLife);

    private static TimeSpan ReadHalfLife(RequestFields ranking)
    {
        if (ranking.Text("halfLife", 32) is not { } text) return Default.HalfLife;
        if (TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var halfLife) && halfLife > TimeSpan.Zero) return halfLife;
        ranking.Fail("halfLife", "must be a duration above 0 as d.hh:mm:ss, such as 7.00:00:00.");
        return Default.HalfLife;
    }
}
