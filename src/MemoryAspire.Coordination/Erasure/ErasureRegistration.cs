using MemoryAspire.Coordination.Database;
using MemoryAspire.Postgres.Erasure;
using MemoryAspire.Redis.Erasing;
using MemoryAspire.Redis.Repair;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace MemoryAspire.Coordination.Erasure;

/// <summary>Registers erasure: for the service that is asked for it, and for the one that finishes it.</summary>
public static class ErasureRegistration
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>Needs the coordinator, and what it needs, among the services.</summary>
        public void AddErasure()
        {
            builder.Services.TryAddSingleton<LiveDatabase>();
            builder.Services.TryAddSingleton<ValueRemoval>();
            builder.Services.AddSingleton<Erasures>().AddSingleton<ErasableMemories>().AddSingleton<AppendOnlyFiles>();
            builder.Services.AddSingleton<IErasedTexts, ErasedEmbeddings>();
            builder.Services.AddSingleton<LogErasure>().AddSingleton<RedisErasure>().AddSingleton<IndexErasure>().AddSingleton<ErasureRun>();
        }
    }
}
