using System.Collections.Concurrent;
using MemoryAspire.Embeddings.Checking;
using Microsoft.Extensions.AI;

namespace MemoryAspire.Embeddings.Caching;

/// <summary>
/// Asks the provider only for texts that nobody has asked for before, and for a text that several ask for at once, once. What is
/// missing of a request goes to the provider together. Failures are not kept: whoever waited for one is told, and the next one asks
/// again.
/// </summary>
internal sealed class CachedEmbeddingGenerator(
    IEmbeddingGenerator<string, Embedding<float>> inner, EmbeddingModel model, EmbeddingCache cache, EmbeddingInstruments instruments)
    : DelegatingEmbeddingGenerator<string, Embedding<float>>(inner)
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<float[]>> _underWay = new(StringComparer.Ordinal);

    /// <summary>What is behind the cache.</summary>
    public IEmbeddingGenerator<string, Embedding<float>> Provider => InnerGenerator;

    public override async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var texts = values.Select(text => (Text: text, Key: EmbeddingCache.KeyOf(model, text))).ToList();
        var distinct = texts.DistinctBy(text => text.Key).ToList();
        var found = await Task.WhenAll(distinct.Select(text => cache.FindAsync(model, text.Key, cancellationToken)));
        var vectors = new Dictionary<string, float[]>(distinct.Count, StringComparer.Ordinal);
        var missing = new List<(string Text, string Key)>();
        foreach (var (text, vector) in distinct.Zip(found))
        {
            if (vector is null) missing.Add(text);
            else vectors[text.Key] = vector;
        }

        instruments.LookedUp(vectors.Count, missing.Count);
        if (missing.Count > 0)
        {
            foreach (var (text, vector) in missing.Zip(await LoadAsync(missing, cancellationToken))) vectors[text.Key] = vector;
        }

        return new(texts.Select(text => new Embedding<float>(vectors[text.Key]) { ModelId = model.Name }));
    }

    private async Task<float[][]> LoadAsync(List<(string Text, string Key)> missing, CancellationToken cancellationToken)
    {
        var mine = new List<(string Text, string Key)>();
        var waiting = new List<Task<float[]>>(missing.Count);
        foreach (var text in missing)
        {
            var own = new TaskCompletionSource<float[]>(TaskCreationOptions.RunContinuationsAsynchronously);
            var present = _underWay.GetOrAdd(text.Key, own);
            if (ReferenceEquals(present, own)) mine.Add(text);
            waiting.Add(present.Task);
        }

        // Others may wait for it when this caller has gone, so that no caller's cancellation ends it. It has its own time-out.
        if (mine.Count > 0) _ = AskAsync(mine);
        return await Task.WhenAll(waiting).WaitAsync(cancellationToken);
    }

    /// <summary>Never throws: whoever waits is told.</summary>
    private async Task AskAsync(List<(string Text, string Key)> mine)
    {
        // Somebody may have finished between the look and the entry into what is under way.
        var asked = mine.Where(text => cache.FindHere(model, text.Key) is not { } vector || !Settle(text.Key, vector)).ToList();
        foreach (var request in CheckedEmbeddingGenerator.Requests(asked, text => text.Text))
        {
            try
            {
                var generated = await base.GenerateAsync(request.Select(text => text.Text), null, CancellationToken.None);
                instruments.Asked(request.Count);
                foreach (var (text, embedding) in request.Zip(generated))
                {
                    var vector = embedding.Vector.ToArray();
                    await cache.KeepAsync(text.Key, vector);
                    Settle(text.Key, vector);
                }
            }
            catch (Exception exception)
            {
                instruments.Failed();
                foreach (var text in request)
                {
                    // Those settled before it have left.
                    if (!_underWay.TryRemove(text.Key, out var failed)) continue;
                    failed.SetException(exception);
                    _ = failed.Task.Exception;
                }
            }
        }
    }

    private bool Settle(string key, float[] vector)
    {
        if (_underWay.TryRemove(key, out var done)) done.SetResult(vector);
        return true;
    }
}
