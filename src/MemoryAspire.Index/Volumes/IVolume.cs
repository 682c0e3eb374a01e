namespace MemoryAspire.Index.Volumes;

/// <summary>Where an index keeps its files: a directory, or one that fails on purpose.</summary>
internal interface IVolume
{
    /// <summary>The file, to be read from its start; null when there is none.</summary>
    Stream? Open(string name);

    /// <summary>
    /// Writes a file so that it has its new content entirely or its old content still, also after a crash at
    /// any moment.
    /// </summary>
    void Replace(string name, Action<Stream> write);
}
