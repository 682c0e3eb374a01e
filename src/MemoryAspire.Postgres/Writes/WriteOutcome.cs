using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Postgres.Writes;

/// <summary>What became of a transaction. Anything but <see cref="Committed"/>: nothing of it was stored.</summary>
public abstract record WriteOutcome
{
    private WriteOutcome()
    {
    }

    /// <summary>It is committed: its events in the order of its operations.</summary>
    /// <param name="Replayed">An earlier request with the same key did it; these are its events.</param>
    public sealed record Committed(IReadOnlyList<MemoryEvent> Events, bool Replayed = false) : WriteOutcome
    {
        /// <summary>What creates with dedupe found instead of making it, by operation.</summary>
        public IReadOnlyList<FoundMemory> Found { get; init; } = [];

        /// <summary>In the order of the operations: the event of each, or that of the memory it found.</summary>
        public IReadOnlyList<FoundMemory> Results => Found.Count == 0 ? [.. Events.Select((@event, at) => new FoundMemory(at, @event, IsNew: true))] : Merged();

        /// <summary>The events that whoever reads the answer has seen.</summary>
        public IReadOnlyList<MemoryEvent> Told => Found.Count == 0 ? Events : [.. Results.Select(result => result.Event).OfType<MemoryEvent>()];

        private List<FoundMemory> Merged()
        {
            var results = new List<FoundMemory>(Events.Count + Found.Count);
            var (made, found) = (0, 0);
            while (made < Events.Count || found < Found.Count)
            {
                var isFound = found < Found.Count && Found[found].Operation == results.Count;
                results.Add(isFound ? Found[found++] : new FoundMemory(results.Count, Events[made++], IsNew: true));
            }

            return results;
        }
    }

    /// <summary>The key names another request.</summary>
    public sealed record KeyReused : WriteOutcome;

    /// <summary>The first request with the key is still under way after 2 s.</summary>
    public sealed record KeyInFlight : WriteOutcome;

    /// <summary>An operation names a memory that does not exist.</summary>
    public sealed record NotFound(int Operation) : WriteOutcome;

    /// <summary>A memory has another version than the caller expects.</summary>
    public sealed record VersionConflict(int Operation, Memory Current) : WriteOutcome;

    /// <summary>Both sides changed the same since the version the caller knows.</summary>
    /// <param name="Fields">JSON names, such as <c>content</c> and <c>metadata.topic</c>.</param>
    public sealed record MergeConflict(int Operation, IReadOnlyList<string> Fields, Memory Current) : WriteOutcome;

    /// <summary>The state that would come of an operation is not allowed.</summary>
    public sealed record Invalid(int Operation, string Field, string Error) : WriteOutcome;

    /// <summary>A participant voted no.</summary>
    public sealed record Refused(string Tier, string Reason) : WriteOutcome;

    /// <summary>A participant that must take it cannot be reached.</summary>
    public sealed record Unreachable(string Tier) : WriteOutcome;

    /// <summary>Too many writes are waiting.</summary>
    public sealed record Overloaded : WriteOutcome;
}

/// <summary>What an operation left, or found.</summary>
/// <param name="Event">Null when the memory that it would double is gone.</param>
/// <param name="IsNew">False when the memory was there.</param>
public sealed record FoundMemory(int Operation, MemoryEvent? Event, bool IsNew = false);

/// <summary>COMMIT was sent, its answer was lost, and PostgreSQL cannot be asked what became of it.</summary>
public sealed class UnknownOutcomeException(Exception cause)
    : Exception("The connection broke while committing, and PostgreSQL could not be asked for the outcome.", cause);
