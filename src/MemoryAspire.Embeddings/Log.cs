using Microsoft.Extensions.Logging;

namespace MemoryAspire.Embeddings;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Texts become vectors by {Model}, of {Dimension} dimensions")]
    public static partial void ModelChosen(ILogger logger, string model, int dimension);

    [LoggerMessage(2, LogLevel.Warning, "{Model} cannot be reached now; texts without an embedding are refused until it can: {Reason}")]
    public static partial void ProviderAway(ILogger logger, string model, string reason);
}
