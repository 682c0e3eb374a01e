namespace MemoryAspire.Bench.Load;

/// <summary>What some clients did side by side.</summary>
/// <param name="Done">Requests that were answered as they should be.</param>
/// <param name="Failed">Requests that were not.</param>
internal sealed record ClientsReport(long Done, long Failed, TimeSpan Elapsed, Latencies Latencies)
{
    public double PerSecond => Done / Elapsed.TotalSeconds;
}

/// <summary>Clients that each do one thing after the other.</summary>
internal static class Clients
{
    /// <param name="act">Gets the client's number; false: it was not answered as it should be.</param>
    public static async Task<ClientsReport> RunAsync(int count, TimeSpan duration, Func<int, Task<bool>> act, CancellationToken cancellationToken)
    {
        var begun = TimeProvider.System.GetTimestamp();
        var clients = Enumerable.Range(0, count).Select(client => Task.Run(() => RunClientAsync(client), cancellationToken)).ToList();
        var reports = await Task.WhenAll(clients);
        var elapsed = TimeProvider.System.GetElapsedTime(begun);
        var latencies = new Latencies();
        foreach (var report in reports) latencies.Add(report.Latencies);
        return new ClientsReport(reports.Sum(report => report.Done), reports.Sum(report => report.Failed), elapsed, latencies);

        async Task<ClientsReport> RunClientAsync(int client)
        {
            long done = 0, failed = 0;
            var latencies = new Latencies();
            while (TimeProvider.System.GetElapsedTime(begun) < duration && !cancellationToken.IsCancellationRequested)
            {
                var at = TimeProvider.System.GetTimestamp();
                if (await act(client)) done++;
                else failed++;
                latencies.Add(TimeProvider.System.GetElapsedTime(at));
            }

            return new ClientsReport(done, failed, duration, latencies);
        }
    }
}
