using MemoryAspire.Contracts.Identity;

namespace MemoryAspire.Index.Searching;

/// <summary>Where some memories are in a view.</summary>
/// <param name="Rows">Of those that have a vector.</param>
/// <param name="Unknown">Those that are not there at all.</param>
/// <param name="Snapshot">The one that sees exactly these rows.</param>
internal readonly record struct NamedRows(int[] Rows, IReadOnlyList<MemoryId> Unknown, ulong Snapshot);
