namespace MemoryAspire.Embeddings.Remote;

/// <summary>
/// How many repetitions a provider is sent beside its requests: each success earns a tenth of one, up to ten, so that a provider in
/// trouble is not asked three times as much as a healthy one.
/// </summary>
internal sealed class RetryBudget
{
    private const int Cost = 10;
    private const int Max = 10 * Cost;

    private int _balance = Max;

    public void Earn()
    {
        int balance;
        do
        {
            balance = Volatile.Read(ref _balance);
            if (balance >= Max) return;
        }
        while (Interlocked.CompareExchange(ref _balance, balance + 1, balance) != balance);
    }

    public bool TrySpend()
    {
        int balance;
        do
        {
            balance = Volatile.Read(ref _balance);
            if (balance < Cost) return false;
        }
        while (Interlocked.CompareExchange(ref _balance, balance - Cost, balance) != balance);
        return true;
    }
}

/// <summary>Earns repetitions by answers that are successes.</summary>
internal sealed class BudgetedHandler(RetryBudget budget) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode) budget.Earn();
        return response;
    }
}
