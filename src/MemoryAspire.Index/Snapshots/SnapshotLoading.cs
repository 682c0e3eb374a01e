using MemoryAspire.Index.Segments;
using MemoryAspire.Index.Volumes;
using Microsoft.Extensions.Logging;

namespace MemoryAspire.Index.Snapshots;

/// <summary>Reads the snapshot of a directory, if there is one that can be believed.</summary>
internal static class SnapshotLoading
{
    public static IndexContents? TryLoad(IVolume volume, IndexOptions options, ILogger logger)
    {
        try
        {
            using var stream = volume.Open(SnapshotFormat.FileName);
            if (stream is null) return null;
            var contents = SnapshotReader.Read(stream, options);
            var (_, memories, vectors) = contents.Status();
            logger.SnapshotLoaded(contents.Identity.Generation, memories, vectors);
            return contents;
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            // Everything in it is in the log as well.
            logger.SnapshotUnusable(exception);
            return null;
        }
    }
}
