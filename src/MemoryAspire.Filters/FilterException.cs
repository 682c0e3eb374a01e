namespace MemoryAspire.Filters;

/// <summary>What is wrong with a filter, and where.</summary>
/// <param name="position">A path into the filter, such as <c>and[1]</c>; empty: the filter itself.</param>
public sealed class FilterException(string position, string problem)
    : Exception(position.Length == 0 ? problem : $"at {position}: {problem}")
{
    public string Position { get; } = position;
}
