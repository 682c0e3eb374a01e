using MemoryAspire.Coordination.Participants;

namespace MemoryAspire.Api.Caching.Hot;

internal static class HotMemoryRegistration
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddHotMemories()
        {
            builder.Services.AddOptions<HotMemoryOptions>().BindConfiguration(HotMemoryOptions.Section).ValidateDataAnnotations().ValidateOnStart();
            builder.Services.AddSingleton<ReadInstruments>().AddSingleton<DirectRedis>().AddSingleton<HotMemories>().AddHostedService<HotMemoryFeed>();
            builder.Services.AddSingleton<IParticipant, HotMemoryParticipant>();
        }
    }
}
