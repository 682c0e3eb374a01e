namespace MemoryAspire.Index.Volumes;

/// <summary>Files of a directory: written under a temporary name, flushed, renamed, and the directory flushed.</summary>
internal sealed class DirectoryVolume(string directory) : IVolume
{
    private const string TemporarySuffix = ".new";
    private const int BufferSize = 1 << 20;

    public Stream? Open(string name)
    {
        var path = Path.Combine(directory, name);
        return File.Exists(path) ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, FileOptions.SequentialScan) : null;
    }

    public void Replace(string name, Action<Stream> write)
    {
        var temporary = Path.Combine(directory, name + TemporarySuffix);
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, BufferSize))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, Path.Combine(directory, name), overwrite: true);
            DirectorySync.Flush(directory);
        }
        catch (Exception)
        {
            // A torn file of a full disk would keep it full.
            File.Delete(temporary);
            throw;
        }
    }
}
