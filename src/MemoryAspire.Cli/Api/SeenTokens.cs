using System.Collections.Immutable;

namespace MemoryAspire.Cli.Api;

/// <summary>
/// What this process has seen, in tokens. An answer's token covers those that its request carried, and takes their
/// place; what other requests brought meanwhile stays. There are never more tokens than requests at once.
/// </summary>
internal sealed class SeenTokens
{
    private ImmutableHashSet<string> _tokens = [];

    public ImmutableHashSet<string> Current => Volatile.Read(ref _tokens);

    public void Replace(ImmutableHashSet<string> carried, string answered) =>
        ImmutableInterlocked.Update(ref _tokens, tokens => tokens.Except(carried).Add(answered));
}
