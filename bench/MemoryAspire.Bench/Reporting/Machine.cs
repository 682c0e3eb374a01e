using System.Globalization;
using System.Runtime.InteropServices;
using Npgsql;

namespace MemoryAspire.Bench.Reporting;

/// <summary>Where a run took place.</summary>
internal static class Machine
{
    public static async Task<string> DescribeAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var settings = new List<string>();
        foreach (var name in new[] { "server_version", "fsync", "synchronous_commit" })
        {
            await using var command = source.CreateCommand($"show {name}");
            settings.Add($"{name} {await command.ExecuteScalarAsync(cancellationToken)}");
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} processors ({Processor()}), {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}; PostgreSQL {string.Join(", ", settings)}.");
    }

    private static string Processor()
    {
        const string field = "model name";
        var line = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
