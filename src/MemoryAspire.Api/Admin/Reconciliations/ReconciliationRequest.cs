using System.Text.Json;
using MemoryAspire.Api.Requests;
using MemoryAspire.Postgres.Reconciliation;

namespace MemoryAspire.Api.Admin.Reconciliations;

/// <summary>Reads what is to be compared; no body at all is the usual.</summary>
internal static class ReconciliationRequest
{
    public static async Task<ReconciliationOrder> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength is 0 || (request.ContentLength is null && !request.HasJsonContentType())) return ReconciliationOrder.Usual;
        var fields = await RequestBody.ReadAsync(request, cancellationToken);
        var order = new ReconciliationOrder(ReadTiers(fields), fields.Flag("deep"), ReadRepair(fields));
        fields.ThrowIfWrong();
        return order;
    }

    private static IReadOnlyList<string> ReadTiers(RequestFields fields)
    {
        if (fields.Raw("tiers") is not { } raw) return ReconciliationOrder.AllTiers;
        var tiers = raw.ValueKind == JsonValueKind.Array ? raw.EnumerateArray().Select(tier => tier.ValueKind == JsonValueKind.String ? tier.GetString() : null).ToList() : [];
        if (tiers.Count > 0 && tiers.All(tier => ReconciliationOrder.AllTiers.Contains(tier))) return [.. ReconciliationOrder.AllTiers.Where(tier => tiers.Contains(tier))];
        fields.Fail("tiers", "must be an array of one or more of postgres, index and redis.");
        return [];
    }

    private static RepairMode ReadRepair(RequestFields fields)
    {
        if (fields.Raw("repair") is not { } raw) return RepairMode.LogWins;
        switch (raw.ValueKind == JsonValueKind.String ? raw.GetString() : null)
        {
            case "logWins": return RepairMode.LogWins;
            case "acceptRow": return RepairMode.AcceptRow;
            case "none": return RepairMode.None;
            default:
                fields.Fail("repair", "must be logWins, acceptRow or none.");
                return RepairMode.None;
        }
    }
}
