namespace MemoryAspire.Index.Segments;

/// <summary>The one writer's turn, until disposed.</summary>
internal readonly struct WriterTurn : IAsyncDisposable
{
    private readonly SemaphoreSlim _writer;

    private WriterTurn(SemaphoreSlim writer) => _writer = writer;

    public static async ValueTask<WriterTurn> TakeAsync(SemaphoreSlim writer, CancellationToken cancellationToken)
    {
        await writer.WaitAsync(cancellationToken);
        return new WriterTurn(writer);
    }

    public ValueTask DisposeAsync()
    {
        _writer.Release();
        return ValueTask.CompletedTask;
    }
}
