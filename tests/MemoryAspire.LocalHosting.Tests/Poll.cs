using System.Diagnostics;

namespace MemoryAspire.LocalHosting.Tests;

internal static class Poll
{
    private static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(20);

    public static async Task UntilAsync(Func<bool> condition, string expectation)
    {
        var waited = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(waited.Elapsed < PatienceMax, $"Expected within {PatienceMax.TotalSeconds:0} s that {expectation}.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public static bool IsAlive(int pid)
    {
        // A zombie has ended: only its parent has not been told yet.
        var status = $"/proc/{pid}/stat";
        try
        {
            return File.Exists(status) && !File.ReadAllText(status).Split(") ")[^1].StartsWith('Z');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
