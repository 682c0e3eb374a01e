using MemoryAspire.Redis.Intents;
using MemoryAspire.Redis.Repair;
using MemoryAspire.Redis.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MemoryAspire.Redis;

/// <summary>Registers the working memory.</summary>
public static class WorkingMemoryRegistration
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>Needs an <c>IConnectionMultiplexer</c>, episodic memory and a <see cref="TimeProvider"/> among the services.</summary>
        public void AddWorkingMemory() => builder.Services.AddSingleton<WorkingMemory>().AddSingleton<MemoryIntents>().AddSingleton<RedisLogConsumer>().AddSingleton<SessionStore>()
            .AddSingleton<ValueScan>().AddSingleton<ValueRepair>().AddSingleton<ValueRemoval>();
    }
}
