using System.Text;

namespace MemoryAspire.Bench.Load;

/// <summary>One client's buffer for the bodies of its requests.</summary>
internal sealed class RequestBody(MemoryBodies bodies, Random random)
{
    private byte[] _buffer = new byte[8 * 1024];
    private int _length;

    /// <summary>One memory; the bytes hold until the next call.</summary>
    public ReadOnlyMemory<byte> Memory()
    {
        _length = 0;
        AppendMemory();
        return _buffer.AsMemory(0, _length);
    }

    /// <summary>Several memories in one request; the bytes hold until the next call.</summary>
    public ReadOnlyMemory<byte> Batch(int count, string? user = null)
    {
        _length = 0;
        Append("{\"memories\":["u8);
        for (var i = 0; i < count; i++)
        {
            if (i > 0) Append(","u8);
            AppendMemory(user);
        }

        Append("]}"u8);
        return _buffer.AsMemory(0, _length);
    }

    private void AppendMemory(string? user = null)
    {
        Append("{\"content\":\""u8);
        Append(bodies.Content(random));
        Append("\",\"scope\":{\"user\":\""u8);
        Append(Encoding.ASCII.GetBytes(user ?? MemoryBodies.User(random)));
        Append("\"},\"metadata\":{\"topic\":\"benchmark\",\"tags\":[\"load\"]},\"embedding\":["u8);
        Append(bodies.Numbers(random));
        Append("]}"u8);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_buffer.Length < _length + bytes.Length) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes.Length));
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }
}
