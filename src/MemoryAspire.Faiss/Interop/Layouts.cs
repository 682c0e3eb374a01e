using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemoryAspire.Faiss.Interop;

[InlineArray(16)]
internal struct NativeId
{
    private byte _first;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeRow
{
    public int Node;
    public uint Tenant, User, Agent, Session, Kind;
    public long Expires;
    public ulong Born;
    public long Version;
    public long Created, Updated;
    public NativeId Id;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeFilter
{
    public uint Tenant, User, Agent, Session;
    public ulong Kinds;
    public long Now;
    public ulong Snapshot;
    public long CreatedFrom, CreatedTo, UpdatedFrom, UpdatedTo;
    public uint Timed;
    public float Least;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeHit
{
    public NativeId Id;
    public long Version;
    public float Similarity;
    public int Row;
}
