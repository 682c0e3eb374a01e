using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MemoryAspire.ServiceDefaults.Chance;

/// <summary>
/// Chance from the operating system, behind the type that tests seed: safe for threads, and never the same in two
/// processes, as identities need.
/// </summary>
public sealed class SystemRandom : Random
{
    public override void NextBytes(Span<byte> buffer) => RandomNumberGenerator.Fill(buffer);

    public override void NextBytes(byte[] buffer) => RandomNumberGenerator.Fill(buffer);

    public override int Next() => Next(int.MaxValue);

    public override int Next(int maxValue) => RandomNumberGenerator.GetInt32(maxValue);

    public override int Next(int minValue, int maxValue) => RandomNumberGenerator.GetInt32(minValue, maxValue);

    public override long NextInt64() => (long)(NextBits() >> 1);

    protected override double Sample() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    private static ulong NextBits()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}
