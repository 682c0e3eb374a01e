using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Postgres.Dedupe;

/// <summary>When a create finds a memory instead of making one.</summary>
public enum DedupeMode
{
    /// <summary>When the tenant has one of the same scope, kind and content.</summary>
    Exact = 0,

    /// <summary>As <see cref="Exact"/>, or when one of the same scope and kind has a vector that is near enough.</summary>
    Similar = 1,

    /// <summary>When one was ever made under the same key, whatever became of it since.</summary>
    Once = 2,
}

/// <summary>What must not be made twice.</summary>
/// <param name="Key">32 bytes that equal creates share; they wait for each other by it.</param>
public sealed record DedupeRule(DedupeMode Mode, ReadOnlyMemory<byte> Key)
{
    /// <summary>What the similar ones of a scope and kind share, and wait for each other by; empty for other modes.</summary>
    public ReadOnlyMemory<byte> ScopeKey { get; private init; }

    /// <summary>The cosine from which on two memories are similar.</summary>
    public double SimilarityMin { get; private init; }

    public static DedupeRule Exact(Scope scope, MemoryKind kind, string content) =>
        new(DedupeMode.Exact, Hash("exact", scope.User, scope.Agent, scope.Session, kind.ToText(), content));

    public static DedupeRule Similar(Scope scope, MemoryKind kind, string content, double similarityMin) =>
        Exact(scope, kind, content) with
        {
            Mode = DedupeMode.Similar,
            ScopeKey = Hash("scope", scope.User, scope.Agent, scope.Session, kind.ToText()),
            SimilarityMin = similarityMin,
        };

    /// <param name="parts">What names the thing that becomes a memory once.</param>
    public static DedupeRule Once(params ReadOnlySpan<string> parts) => new(DedupeMode.Once, Hash(["once", .. parts]));

    /// <summary>SHA-256 over parts that are UTF-8, each preceded by its length in bytes (32 bits, little endian); -1 for null.</summary>
    private static byte[] Hash(params ReadOnlySpan<string?> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        foreach (var part in parts)
        {
            var bytes = part is null ? null : Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes?.Length ?? -1);
            hash.AppendData(length);
            hash.AppendData(bytes ?? []);
        }

        return hash.GetHashAndReset();
    }
}
