namespace MemoryAspire.Bench.Index;

/// <summary>What a contestant took: processor seconds for all vectors, and at each breadth.</summary>
/// <param name="Points">By breadth, from the least up: how much of the true answers was found, and searches per processor second.</param>
internal sealed record Curve(string Name, double BuildSeconds, IReadOnlyList<(int Breadth, double Recall, double Rate)> Points)
{
    /// <summary>Searches per second where this much is found, between two breadths by a straight line; null when no breadth finds it.</summary>
    public double? RateAt(double recall)
    {
        for (var i = 0; i < Points.Count; i++)
        {
            if (Points[i].Recall < recall) continue;
            if (i == 0) return Points[0].Rate;
            var (below, above) = (Points[i - 1], Points[i]);
            return below.Rate + ((above.Rate - below.Rate) * (recall - below.Recall) / (above.Recall - below.Recall));
        }

        return null;
    }

    public double RecallOf(int breadth) => Points.Single(point => point.Breadth == breadth).Recall;
}
