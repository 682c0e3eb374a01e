using MemoryAspire.Faiss.Graphs;
using Microsoft.Extensions.Logging;

namespace MemoryAspire.Index.Segments;

/// <summary>
/// Links new nodes behind the writer's back, by a thread that gives way to all others: a burst is taken at the speed of storing
/// and linked when there is time. Searches compare what is not linked one by one, so there may be only so much of it: beyond, the
/// writer links as many as it brings.
/// </summary>
internal sealed class GraphLinker : IDisposable
{
    /// <summary>Nodes between two looks at what the current graph is.</summary>
    private const int LinksAtOnce = 16;

    private readonly Func<IndexContents?> _current;
    private readonly int _unlinkedMax;
    private readonly ILogger _logger;
    private readonly AutoResetEvent _work = new(false);
    private readonly Thread _thread;
    private volatile bool _stopping;

    public GraphLinker(Func<IndexContents?> current, int unlinkedMax, ILogger logger)
    {
        (_current, _unlinkedMax, _logger) = (current, unlinkedMax, logger);
        _thread = new Thread(Run) { IsBackground = true, Name = "graph linker" };
        _thread.Start();
    }

    /// <summary>After every change, by the writer.</summary>
    public void Added(IndexContents contents, int events)
    {
        var graph = contents.View.Nodes.Graph;
        if (graph.Link(0) > _unlinkedMax) graph.Link(events);
        _work.Set();
    }

    public void Dispose()
    {
        _stopping = true;
        _work.Set();
        _thread.Join();
        _work.Dispose();
    }

    private void Run()
    {
        VectorGraph.YieldToOthers();
        while (true)
        {
            _work.WaitOne();
            do
            {
                if (_stopping) return;
            }
            while (LinkSome());
        }
    }

    /// <summary>False when nothing is left, or the index has begun anew.</summary>
    private bool LinkSome()
    {
        if (_current() is not { } contents) return false;
        try
        {
            var view = contents.TakeView();
            try
            {
                return view.Nodes.Graph.Link(LinksAtOnce) > 0;
            }
            finally
            {
                view.GiveBack();
            }
        }
        catch (IndexIdentityException)
        {
            return true;
        }
        catch (Exception exception)
        {
            // Searches go on comparing what is not linked, and the writer meets the same failure.
            _logger.LinkingFailed(exception);
            return false;
        }
    }
}
