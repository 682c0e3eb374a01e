namespace MemoryAspire.Api.Tests;

internal static class Until
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Polls until the condition holds; fails after 30 s.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < Patience, $"Not true within {Patience}.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
