using MemoryAspire.Coordination.Participants;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MemoryAspire.Coordination;

/// <summary>Registers the coordinator and its participants.</summary>
public static class CoordinationRegistration
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>Needs episodic and working memory, and a client of the index, among the services.</summary>
        public void AddCoordination() =>
            builder.Services.AddSingleton<RedisParticipant>().AddSingleton<IndexParticipant>().AddSingleton<MemoryCoordinator>();
    }
}
