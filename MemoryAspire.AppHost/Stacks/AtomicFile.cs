namespace MemoryAspire.AppHost.Stacks;

internal static class AtomicFile
{
    /// <summary>Writes beside and renames, so that a reader sees the old text or the new one.</summary>
    public static void Write(string path, string text, bool secret = false)
    {
        var beside = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (secret && !OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new StreamWriter(beside, options))
        {
            file.Write(text);
            file.Flush();
            ((FileStream)file.BaseStream).Flush(flushToDisk: secret);
        }

        File.Move(beside, path, overwrite: true);
    }
}
