namespace MemoryAspire.Cli;

/// <summary>What a command meets outside of its arguments.</summary>
/// <param name="Out">Takes results, and nothing else.</param>
/// <param name="Error">Takes progress, notes and failures.</param>
internal sealed record Surroundings(TextWriter Out, TextWriter Error, Func<string, string?> Variable, string Directory, TimeProvider Clock);
