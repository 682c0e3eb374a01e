using System.Text.Json;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Contracts.Tests;

public sealed class MemoryDigestTests
{
    [Fact]
    public void Every_part_of_a_memory_changes_its_digest()
    {
        var memory = Some.Memory();
        byte[] vector = [1, 2, 3, 4];
        var digests = new List<ulong>
        {
            MemoryDigest.Of("default", memory, vector),
            MemoryDigest.Of("other", memory, vector),
            MemoryDigest.Of("default", memory, [1, 2, 3, 5]),
            MemoryDigest.Of("default", memory, []),
            MemoryDigest.Of("default", memory with { Content = "Ada prefers tea" }, vector),
            MemoryDigest.Of("default", memory with { Kind = MemoryKind.Procedural }, vector),
            MemoryDigest.Of("default", memory with { Scope = new Scope(Agent: "ada") }, vector),
            MemoryDigest.Of("default", memory with { Metadata = JsonElement.Parse("""{"topic":"food"}""") }, vector),
            MemoryDigest.Of("default", memory with { Importance = 0.6 }, vector),
            MemoryDigest.Of("default", memory with { Version = 4 }, vector),
            MemoryDigest.Of("default", memory with { CreatedAt = memory.CreatedAt.AddMicroseconds(1) }, vector),
            MemoryDigest.Of("default", memory with { UpdatedAt = memory.UpdatedAt.AddMicroseconds(1) }, vector),
            MemoryDigest.Of("default", memory with { ExpiresAt = memory.UpdatedAt }, vector),
        };

        Assert.Equal(digests.Count, digests.Distinct().Count());
    }

    [Fact]
    public void The_spelling_of_metadata_does_not_change_the_digest() =>
        Assert.Equal(
            MemoryDigest.Of("t", Some.Memory() with { Metadata = JsonElement.Parse("""{"a":1.0,"b":2}""") }, []),
            MemoryDigest.Of("t", Some.Memory() with { Metadata = JsonElement.Parse("""{ "b": 2, "a": 1 }""") }, []));
}
