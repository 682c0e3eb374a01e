using MemoryAspire.Coordination.Groups;
using MemoryAspire.Coordination.Participants;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Coordination;

/// <summary>Registers the coordinator and its participants.</summary>
public static class CoordinationRegistration
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>Needs episodic and working memory, and a client of the index, among the services.</summary>
        public void AddCoordination()
        {
            builder.Services.AddOptions<WriteOptions>().BindConfiguration(WriteOptions.Section).ValidateDataAnnotations().ValidateOnStart();
            builder.Services.AddSingleton<RedisParticipant>().AddSingleton<IParticipant>(services => services.GetRequiredService<RedisParticipant>());
            builder.Services.AddSingleton<IndexRoom>().AddSingleton<IndexParticipant>().AddSingleton<IParticipant>(services => services.GetRequiredService<IndexParticipant>());
            builder.Services.AddSingleton<Voting>().AddSingleton<Delivery>().AddSingleton<GroupCommit>().AddSingleton<GroupInstruments>();
            builder.Services.AddSingleton(services => new WriteLanes(
                services.GetRequiredService<IOptions<WriteOptions>>(),
                services.GetRequiredService<GroupCommit>(),
                services.GetRequiredService<GroupInstruments>(),
                services.GetRequiredService<TimeProvider>()));
            builder.Services.AddHostedService(services => services.GetRequiredService<WriteLanes>());
            builder.Services.AddSingleton<MemoryCoordinator>();
        }
    }
}
