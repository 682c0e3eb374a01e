namespace MemoryAspire.Coordination.Erasure;

/// <summary>
/// Something that keeps texts, or what was made of them, under the text's own key and not the memory's, such as a cache of
/// embeddings. Every one that is registered is told the texts of erased memories, before the log forgets them.
/// </summary>
public interface IErasedTexts
{
    /// <summary>Removes what it has of these texts. Repeats are harmless.</summary>
    /// <exception cref="Exception">As the store that keeps them throws: the erasure is tried again later.</exception>
    Task RemoveAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken);
}
