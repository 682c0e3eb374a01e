using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MemoryAspire.Cli.Api;

namespace MemoryAspire.Cli.Output;

/// <summary>Says what happened: to people as text, to programs as one JSON document per command.</summary>
internal sealed class Report(Surroundings surroundings, bool json)
{
    public bool IsJson => json;

    public void Json(JsonNode node) => surroundings.Out.WriteLine(JsonText.Of(node));

    public void Json(JsonElement element) => surroundings.Out.WriteLine(element.GetRawText());

    public void Line(string text) => surroundings.Out.WriteLine(Printable(text));

    public void Note(string text) => surroundings.Error.WriteLine(Printable(text));

    /// <summary>A failure that the service explained keeps its own words.</summary>
    public void Failure(ApiException failure)
    {
        if (json) surroundings.Error.WriteLine(failure.Problem?.GetRawText() ?? JsonText.Of(new JsonObject { ["title"] = failure.Message, ["status"] = (int?)failure.Status }));
        else Note(failure.Explain());
    }

    public void Failure(string message)
    {
        if (json) surroundings.Error.WriteLine(JsonText.Of(new JsonObject { ["title"] = message }));
        else Note(message);
    }

    public void Degraded(ApiAnswer answer)
    {
        if (answer.Degraded is { Length: > 0 } tiers) Note($"Note: answered without {tiers}.");
    }

    /// <summary>Stored text must not drive the terminal: control characters but line breaks and tabs are shown as �.</summary>
    private static string Printable(string text)
    {
        if (!text.Any(IsControl)) return text;
        var printable = new StringBuilder(text);
        for (var i = 0; i < printable.Length; i++)
        {
            if (IsControl(printable[i])) printable[i] = '\uFFFD';
        }

        return printable.ToString();
    }

    private static bool IsControl(char character) => char.IsControl(character) && character is not ('\n' or '\t');
}
