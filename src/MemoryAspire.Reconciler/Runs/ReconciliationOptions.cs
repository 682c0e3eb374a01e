using System.ComponentModel.DataAnnotations;

namespace MemoryAspire.Reconciler.Runs;

/// <summary>When the tiers are compared without being asked, and how much of the machine that may take.</summary>
internal sealed class ReconciliationOptions
{
    public const string Section = "Reconciliation";

    /// <summary>From the beginning of one comparison to the next.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00", ErrorMessage = $"{Section}:Interval must be between 1 s and a year.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The same for comparisons by the stored bytes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00", ErrorMessage = $"{Section}:DeepInterval must be between 1 s and a year.")]
    public TimeSpan DeepInterval { get; set; } = TimeSpan.FromDays(1);

    /// <summary>False: only what is asked for.</summary>
    public bool Scheduled { get; set; } = true;

    /// <summary>The share of one core that going through Redis may take.</summary>
    [Range(0.01, 1, ErrorMessage = $"{Section}:ScanCpuShare must be between 0.01 and 1.")]
    public double ScanCpuShare { get; set; } = 0.2;
}
