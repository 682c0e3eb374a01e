using System.ComponentModel.DataAnnotations;

namespace MemoryAspire.Index;

/// <summary>Where an index lives and how large it may grow.</summary>
public sealed class IndexOptions
{
    public const string Section = "Index";

    /// <summary>The directory of its files. One process at a time.</summary>
    [Required(ErrorMessage = "Index:Directory is missing: it names the directory where the index keeps its files.")]
    public string Directory { get; set; } = "";

    /// <summary>Memories with a vector, at most. What would go beyond is refused; the log keeps it for later.</summary>
    [Range(1, 100_000_000)]
    public int CapacityMax { get; set; } = 1_000_000;

    /// <summary>How often changes are written to disk. Less often costs more of the log to read after a crash.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan SnapshotInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Up to so many qualifying memories are compared one by one: exact.</summary>
    [Range(0, int.MaxValue)]
    public int ScanMax { get; set; } = 10_000;

    /// <summary>How many candidates a walk along the graph keeps: more find more, and take longer.</summary>
    [Range(8, 4096)]
    public int WalkBreadth { get; set; } = 96;

    /// <summary>The graph's links per node (HNSW's M) and the care taken to choose them (efConstruction).</summary>
    [Range(4, 64)]
    public int Links { get; set; } = 16;

    [Range(64, 4096)]
    public int BuildBreadth { get; set; } = 100;

    /// <summary>
    /// New vectors that may wait for their links: wide searches compare them one by one. Beyond, changes wait for links.
    /// </summary>
    [Range(0, 1_000_000)]
    public int UnlinkedMax { get; set; } = 32_768;

    /// <summary>Early events kept per partition until the gap before them is filled; the log brings what is dropped.</summary>
    [Range(1, 65_536)]
    public int EarlyEventsMax { get; set; } = 256;
}
