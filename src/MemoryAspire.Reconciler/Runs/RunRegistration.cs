using MemoryAspire.Embeddings;
using MemoryAspire.Reconciliation;
using MemoryAspire.Reconciliation.Rows;
using Microsoft.Extensions.AI;
using System.Runtime.InteropServices;

namespace MemoryAspire.Reconciler.Runs;

internal static class RunRegistration
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddReconciliationRuns()
        {
            builder.Services.AddOptions<ReconciliationOptions>().BindConfiguration(ReconciliationOptions.Section).ValidateDataAnnotations().ValidateOnStart();
            builder.AddEmbeddings();
            builder.AddReconciliation();
            builder.Services.AddSingleton<Embed>(services => (text, cancellationToken) => EmbedAsync(services, text, cancellationToken));
            builder.Services.AddSingleton<RunPhases>().AddHostedService<ReconciliationWorker>();
        }
    }

    private static async Task<ReadOnlyMemory<byte>> EmbedAsync(IServiceProvider services, string text, CancellationToken cancellationToken)
    {
        var embedding = await services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync([text], cancellationToken: cancellationToken);
        return MemoryMarshal.AsBytes(embedding[0].Vector.Span).ToArray();
    }
}
