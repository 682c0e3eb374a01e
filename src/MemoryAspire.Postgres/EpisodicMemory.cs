using MemoryAspire.Postgres.Leadership;
using MemoryAspire.Postgres.Locks;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Postgres.Pending;
using MemoryAspire.Postgres.Reconciliation;
using MemoryAspire.Postgres.Schema;
using MemoryAspire.Postgres.Searching;
using MemoryAspire.Postgres.Writes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace MemoryAspire.Postgres;

/// <summary>Registers the tier that is the source of truth.</summary>
public static class EpisodicMemory
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>Needs an <c>NpgsqlDataSource</c> and a <see cref="TimeProvider"/> among the services.</summary>
        public void AddEpisodicMemory()
        {
            builder.Services.AddSingleton<SchemaMigrations>().AddSingleton<SchemaGate>().AddHostedService(services => services.GetRequiredService<SchemaGate>());
            builder.Services.AddSingleton<LogHints>().AddHostedService(services => services.GetRequiredService<LogHints>());
            builder.Services.AddSingleton<Generations>().AddSingleton<EventLog>().AddSingleton<LogFollower>().AddSingleton<TierInstruments>();
            builder.Services.AddSingleton<MemoryHistory>().AddSingleton<TenantLog>().AddSingleton<ChangedMemories>();
            builder.Services.AddSingleton<MemoryReader>().AddSingleton<MemoryLister>();
            builder.Services.AddSingleton<SearchReader>().AddSingleton<SearchTerms>().AddSingleton<CandidateReader>();
            builder.Services.TryAddSingleton(new SearchLanguage(SearchLanguage.Default));
            builder.Services.AddSingleton<MemoryWriter>().AddSingleton<PendingEmbeddings>().AddSingleton<TransactionStatus>().AddSingleton<LongWork>();
            builder.Services.AddSingleton<RowStates>().AddSingleton<RowDigests>().AddSingleton<ReconciliationRuns>().AddSingleton<LogAges>();
            builder.Services.AddSingleton<NamedLocks>().AddSingleton<LeaderElection>();
        }
    }
}
