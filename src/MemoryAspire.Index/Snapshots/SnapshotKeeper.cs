using MemoryAspire.Contracts.Memories;
using MemoryAspire.Index.Segments;
using MemoryAspire.Index.Volumes;
using Microsoft.Extensions.Logging;

namespace MemoryAspire.Index.Snapshots;

/// <summary>Writes a snapshot at intervals when something changed, and at the end. A full disk delays it, no more.</summary>
internal sealed class SnapshotKeeper(
    IVolume volume, SemaphoreSlim writer, Func<IndexContents?> current, TimeSpan interval, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private readonly PeriodicTimer _timer = new(interval, time);
    private Task _running = Task.CompletedTask;
    private (IndexContents? Contents, long Changes) _written;

    public void Start()
    {
        // What was just loaded is what is on the disk.
        _written = (current(), current()?.Changes ?? 0);
        _running = RunAsync();
    }

    /// <summary>False when it could not be written.</summary>
    public Task<bool> WriteAsync(CancellationToken cancellationToken) => WriteAsync(anew: false, cancellationToken);

    /// <summary>As above, also when nothing changed since the last one: the graph may have lost what is dead.</summary>
    public Task<bool> WriteAnewAsync(CancellationToken cancellationToken) => WriteAsync(anew: true, cancellationToken);

    private async Task<bool> WriteAsync(bool anew, CancellationToken cancellationToken)
    {
        await using var turn = await WriterTurn.TakeAsync(_one, cancellationToken);
        if (current() is not { } contents) return true;
        if (!anew && _written == (contents, contents.Changes)) return true;
        SnapshotImage image;
        await using (await WriterTurn.TakeAsync(writer, cancellationToken))
        {
            if (current() != contents) return true;
            image = new SnapshotImage(contents, Microseconds.From(time.GetUtcNow()));
        }

        using (image) return Write(contents, image);
    }

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _running;
        await WriteAsync(CancellationToken.None);
        _one.Dispose();
    }

    private bool Write(IndexContents contents, SnapshotImage image)
    {
        try
        {
            volume.Replace(SnapshotFormat.FileName, stream => SnapshotWriter.Write(stream, image));
            _written = (contents, image.Changes);
            logger.SnapshotWritten(image.Memories.Length, image.Header.Nodes);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.SnapshotNotWritten(exception);
            return false;
        }
    }

    private async Task RunAsync()
    {
        while (await _timer.WaitForNextTickAsync()) await WriteAsync(CancellationToken.None);
    }
}
