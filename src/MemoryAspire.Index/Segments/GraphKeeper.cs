using Microsoft.Extensions.Logging;

namespace MemoryAspire.Index.Segments;

/// <summary>Leaves behind what is dead: ended rows at once, dead nodes by a rebuild beside the running graph.</summary>
internal sealed class GraphKeeper(SemaphoreSlim writer, Func<IndexContents?> current, IndexOptions options, ILogger logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _rebuilding = Task.CompletedTask;

    /// <summary>After every change, by the writer.</summary>
    public void Tidy(IndexContents contents)
    {
        var view = contents.View;
        if (Upkeep.TooManyDead(view.Ended, view.Added)) contents.Replace(view.Nodes, null);
        if (!_rebuilding.IsCompleted || !Upkeep.TooManyDead(view.Nodes.Dead, view.Nodes.Count)) return;
        logger.RebuildBegun(view.Nodes.Dead, view.Nodes.Count);
        _rebuilding = Task.Factory.StartNew(
            () => TryRebuildAsync(contents), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
    }

    /// <summary>Rebuilds while the writer waits, because it cannot go on without. False when nothing is dead.</summary>
    public bool RebuildNow(IndexContents contents)
    {
        if (contents.View.Nodes.Dead == 0) return false;
        logger.RebuildBegun(contents.View.Nodes.Dead, contents.View.Nodes.Count);
        using var rebuild = new GraphRebuild(contents, contents.View.Nodes.Graph.Shape);
        rebuild.Take(rebuild.Missing(), _stopping.Token);
        rebuild.Finish();
        logger.RebuildDone(contents.View.Nodes.Count);
        return true;
    }

    /// <summary>Returns when the graph has no node that is dead now. Searches and the writer go on meanwhile.</summary>
    /// <exception cref="InvalidOperationException">The rebuild failed; the log says why.</exception>
    public async Task LeaveDeadBehindAsync(CancellationToken cancellationToken)
    {
        NodeTable? dirty = null;
        while (true)
        {
            Task rebuilding;
            await using (await WriterTurn.TakeAsync(writer, cancellationToken))
            {
                if (current() is not { } contents || contents.View.Nodes.Dead == 0) return;
                if (dirty is not null && contents.View.Nodes != dirty && _rebuilding.IsCompleted) return;

                // One that is under way may have taken over a node before it died.
                if (_rebuilding.IsCompleted)
                {
                    if (dirty is not null) throw new InvalidOperationException("The graph could not be rebuilt without what is dead.");
                    dirty = contents.View.Nodes;
                    logger.RebuildBegun(dirty.Dead, dirty.Count);
                    _rebuilding = Task.Factory.StartNew(
                        () => TryRebuildAsync(contents), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
                }

                rebuilding = _rebuilding;
            }

            await rebuilding.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _rebuilding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task TryRebuildAsync(IndexContents contents)
    {
        try
        {
            await RebuildAsync(contents, _stopping.Token);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            logger.RebuildFailed(exception);
        }
    }

    private async Task RebuildAsync(IndexContents contents, CancellationToken cancellationToken)
    {
        GraphRebuild rebuild;
        await using (await WriterTurn.TakeAsync(writer, cancellationToken))
        {
            if (current() != contents) return;
            rebuild = new GraphRebuild(contents, IndexContents.ShapeOf(contents.Identity, options, 0));
        }

        using (rebuild)
        {
            while (true)
            {
                List<int> missing;
                await using (await WriterTurn.TakeAsync(writer, cancellationToken))
                {
                    // Begun anew, or rebuilt by the writer itself: this graph is of no use.
                    if (current() != contents || !rebuild.IsCurrent) return;
                    missing = rebuild.Missing();
                    if (missing.Count <= GraphRebuild.RestMax)
                    {
                        rebuild.Take(missing, cancellationToken);
                        rebuild.Finish();
                        logger.RebuildDone(contents.View.Nodes.Count);
                        return;
                    }
                }

                rebuild.Take(missing, cancellationToken);
            }
        }
    }
}
