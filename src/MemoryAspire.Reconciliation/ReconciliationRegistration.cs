using MemoryAspire.Contracts.Index;
using MemoryAspire.Coordination;
using MemoryAspire.Postgres.Rebuild;
using MemoryAspire.Reconciliation.Indexes;
using MemoryAspire.Reconciliation.Reports;
using MemoryAspire.Reconciliation.Rows;
using MemoryAspire.Reconciliation.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace MemoryAspire.Reconciliation;

/// <summary>Registers what compares and repairs.</summary>
public static class ReconciliationRegistration
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>What verifies and repairs single records; needs episodic and working memory among the services.</summary>
        public void AddRecordRepair()
        {
            builder.AddIndexClientOf<MemoryIndexRepair.MemoryIndexRepairClient>();
            builder.Services.AddSingleton<ReconciliationInstruments>().AddSingleton<IndexRepair>();
        }

        /// <summary>What compares whole tiers; needs a coordinator and an <see cref="Embed"/> besides.</summary>
        public void AddReconciliation()
        {
            builder.AddRecordRepair();
            builder.Services.TryAddSingleton<MemoryRebuild>();
            builder.Services.AddSingleton<IndexReconciliation>().AddSingleton<ValueReconciliation>().AddSingleton<RowAcceptance>().AddSingleton<RowReconciliation>();
        }
    }
}
