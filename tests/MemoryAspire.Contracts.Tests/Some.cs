using System.Text.Json;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Contracts.Tests;

internal static class Some
{
    public static Memory Memory() => new(
        new MemoryId(Guid.Parse("0198c0de-0000-7007-8000-000000000001")),
        "Ada prefers tea.",
        MemoryKind.Semantic,
        new Scope("ada"),
        JsonElement.Parse("""{"topic":"drinks"}"""),
        0.5,
        3,
        new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).AddMicroseconds(1),
        new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero),
        null);
}
