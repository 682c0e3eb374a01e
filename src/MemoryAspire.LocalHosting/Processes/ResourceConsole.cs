using System.Collections.Concurrent;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Processes;

/// <summary>Writes what the resources say, each line after the name of its resource, and keeps the last lines of each.</summary>
internal sealed class ResourceConsole(IConfiguration configuration, IResourceCollection resources)
{
    private const int KeptLinesMax = 40;
    private static readonly int[] Colours = [36, 33, 32, 35, 34, 96, 93, 92];

    private readonly ConcurrentDictionary<string, Queue<string>> kept = new(StringComparer.OrdinalIgnoreCase);
    private readonly bool silent = configuration["Hosting:ResourceLogs"] is "false";
    private readonly bool coloured = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";

    public void WriteLine(string resource, string line)
    {
        var lines = kept.GetOrAdd(resource, _ => new());
        lock (lines)
        {
            lines.Enqueue(line);
            if (lines.Count > KeptLinesMax) lines.Dequeue();
        }

        if (silent) return;
        var name = resource.PadRight(NameLengthMax);
        Console.Out.WriteLine(coloured ? $"\e[{ColourOf(resource)}m{name}\e[0m | {line}" : $"{name} | {line}");
    }

    public IReadOnlyList<string> LastLines(string resource)
    {
        if (!kept.TryGetValue(resource, out var lines)) return [];
        lock (lines) return [.. lines];
    }

    private int NameLengthMax => resources.Max(resource => resource.Name.Length);

    private int ColourOf(string name)
    {
        for (var i = 0; i < resources.Count; i++)
        {
            if (resources[i].Name == name) return Colours[i % Colours.Length];
        }

        return Colours[0];
    }
}
