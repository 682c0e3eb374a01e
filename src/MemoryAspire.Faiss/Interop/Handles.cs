using System.Runtime.InteropServices;

namespace MemoryAspire.Faiss.Interop;

/// <summary>Owns a graph; a call in flight keeps it from being freed.</summary>
internal sealed class GraphHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Native.GraphDestroy(handle);
        return true;
    }
}

/// <summary>Owns a table of rows; a call in flight keeps it from being freed.</summary>
internal sealed class RowsHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Native.RowsDestroy(handle);
        return true;
    }
}
