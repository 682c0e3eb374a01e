using Grpc.Core;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using StackExchange.Redis;

namespace MemoryAspire.ServiceDefaults.Tests.Resilience;

public sealed class StorePipelinesTests
{
    private static readonly Exception PostgresAway = new NpgsqlException("broken", new IOException());
    private static readonly Exception Conflict = new PostgresException("conflict", "ERROR", "ERROR", PostgresErrorCodes.UniqueViolation);
    private static readonly Exception Deadlock = new PostgresException("deadlock", "ERROR", "ERROR", PostgresErrorCodes.DeadlockDetected);
    private static readonly Exception RedisAway = new RedisConnectionException(ConnectionFailureType.SocketFailure, CommandFlags.None, "broken", null, CommandStatus.Unknown);
    private static readonly Exception IndexAway = new RpcException(new Status(StatusCode.Unavailable, "loading"));
    private static readonly Exception IndexBehind = new RpcException(new Status(StatusCode.DeadlineExceeded, "not there yet"));

    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider time = new();

    [Fact]
    public async Task A_breaker_opens_lets_one_attempt_through_after_its_duration_and_closes_when_that_succeeds()
    {
        using var app = Build();
        var pipelines = app.Services.GetRequiredService<StorePipelines>();
        Assert.Equal(CircuitState.Closed, pipelines.BreakerOf("Redis"));

        for (var i = 0; i < 10; i++) await FailAsync(pipelines.Redis, RedisAway);
        Assert.Equal(CircuitState.Open, pipelines.BreakerOf("Redis"));
        Assert.IsType<BrokenCircuitException>((await AttemptAsync(pipelines.Redis)).Exception);

        time.Advance(TimeSpan.FromSeconds(1));
        await FailAsync(pipelines.Redis, RedisAway);
        Assert.Equal(CircuitState.Open, pipelines.BreakerOf("Redis"));

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null((await AttemptAsync(pipelines.Redis)).Exception);
        Assert.Equal(CircuitState.Closed, pipelines.BreakerOf("Redis"));
    }

    [Fact]
    public async Task A_store_that_says_no_trips_no_breaker()
    {
        using var app = Build();
        var pipelines = app.Services.GetRequiredService<StorePipelines>();

        for (var i = 0; i < 50; i++)
        {
            await FailAsync(pipelines.PostgresWrite, Conflict);
            await FailAsync(pipelines.PostgresWrite, Deadlock);
            await FailAsync(pipelines.Redis, new RedisServerException(RedisErrorKind.OutOfMemory, CommandFlags.None, "OOM command not allowed"));
            await FailAsync(pipelines.Index, IndexBehind);
        }

        Assert.All(["PostgresWrite", "Redis", "Index"], name => Assert.Equal(CircuitState.Closed, pipelines.BreakerOf(name)));
    }

    [Fact]
    public async Task Breakers_are_apart_so_that_failing_writes_never_stop_reads()
    {
        using var app = Build();
        var pipelines = app.Services.GetRequiredService<StorePipelines>();

        for (var i = 0; i < 10; i++) await FailAsync(pipelines.PostgresWrite, PostgresAway);

        Assert.Equal(CircuitState.Open, pipelines.BreakerOf("PostgresWrite"));
        Assert.Null((await AttemptAsync(pipelines.PostgresRead)).Exception);
    }

    [Fact]
    public async Task Reads_are_repeated_when_the_connection_broke_and_not_when_the_server_said_no()
    {
        using var app = Build();
        var pipeline = app.Services.GetRequiredService<StorePipelines>().PostgresRead;

        Assert.Equal(3, await AttemptsAsync(pipeline, PostgresAway));
        Assert.Equal(3, await AttemptsAsync(pipeline, Deadlock));
        Assert.Equal(1, await AttemptsAsync(pipeline, Conflict));
    }

    [Fact]
    public async Task Writes_scripts_and_applies_are_never_repeated()
    {
        using var app = Build();
        var pipelines = app.Services.GetRequiredService<StorePipelines>();

        Assert.Equal(1, await AttemptsAsync(pipelines.PostgresWrite, PostgresAway));
        Assert.Equal(1, await AttemptsAsync(pipelines.Redis, RedisAway));
        Assert.Equal(1, await AttemptsAsync(pipelines.IndexApply, IndexAway));
    }

    [Fact]
    public async Task Index_reads_are_repeated_only_when_the_index_is_unavailable()
    {
        using var app = Build();
        var pipeline = app.Services.GetRequiredService<StorePipelines>().Index;

        Assert.Equal(2, await AttemptsAsync(pipeline, IndexAway));
        Assert.Equal(1, await AttemptsAsync(pipeline, IndexBehind));
    }

    [Theory]
    [InlineData("PostgresRead", 5000)]
    [InlineData("PostgresWrite", 15000)]
    [InlineData("Redis", 500)]
    [InlineData("Index", 2000)]
    [InlineData("IndexApply", 2000)]
    public async Task An_attempt_ends_with_its_time_out(string name, int milliseconds)
    {
        using var app = Build();
        var attempt = AttemptAsync(
            PipelineOf(app.Services.GetRequiredService<StorePipelines>(), name),
            token => Task.Delay(Timeout.InfiniteTimeSpan, token));

        time.Advance(TimeSpan.FromMilliseconds(milliseconds - 1));
        Assert.False(attempt.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.IsType<TimeoutRejectedException>((await attempt.WaitAsync(WaitMax, TestContext.Current.CancellationToken)).Exception);
    }

    [Fact]
    public async Task A_call_that_the_time_out_cut_off_is_a_time_out_also_when_gRPC_calls_it_cancelled()
    {
        using var app = Build();
        var attempt = AttemptAsync(app.Services.GetRequiredService<StorePipelines>().Index, AsGrpcCancelsAsync);

        time.Advance(TimeSpan.FromSeconds(2));

        Assert.IsType<TimeoutRejectedException>((await attempt.WaitAsync(WaitMax, TestContext.Current.CancellationToken)).Exception);
    }

    [Fact]
    public async Task A_call_that_the_caller_cancelled_is_a_cancellation_and_counts_for_nothing()
    {
        using var app = Build();
        var pipelines = app.Services.GetRequiredService<StorePipelines>();

        for (var i = 0; i < 20; i++)
        {
            using var caller = new CancellationTokenSource();
            var attempt = AttemptAsync(pipelines.Index, AsGrpcCancelsAsync, caller.Token);
            await caller.CancelAsync();
            Assert.IsType<OperationCanceledException>((await attempt).Exception, exactMatch: false);
        }

        Assert.Equal(CircuitState.Closed, pipelines.BreakerOf("Index"));
    }

    [Fact]
    public void What_pipelines_throw_by_themselves_means_that_the_store_is_away()
    {
        foreach (var rejection in (Exception[])[new TimeoutRejectedException(), new BrokenCircuitException()])
        {
            Assert.True(StoreFailures.IsPostgresAway(rejection));
            Assert.True(StoreFailures.IsRedisAway(rejection));
            Assert.True(StoreFailures.IsIndexAway(rejection));
        }
        Assert.False(StoreFailures.IsPostgresAway(new OperationCanceledException()));
        Assert.False(StoreFailures.IsRedisAway(new InvalidOperationException()));
        Assert.False(StoreFailures.IsIndexAway(null));
    }

    [Theory]
    [InlineData(RedisErrorKind.Loading, true)]
    [InlineData(RedisErrorKind.ReadOnly, true)]
    [InlineData(RedisErrorKind.Busy, true)]
    [InlineData(RedisErrorKind.OutOfMemory, false)]
    [InlineData(RedisErrorKind.NoScript, false)]
    [InlineData(RedisErrorKind.WrongType, false)]
    public void A_Redis_that_answers_is_away_only_when_it_does_not_serve(RedisErrorKind kind, bool isAway) =>
        Assert.Equal(isAway, StoreFailures.IsRedisAway(new RedisServerException(kind, CommandFlags.None, "")));

    [Theory]
    [InlineData("Resilience:Redis:Timeout", "00:00:00")]
    [InlineData("Resilience:PostgresRead:Retries", "-1")]
    [InlineData("Resilience:PostgresWrite:Retries", "1")]
    [InlineData("Resilience:Redis:Retries", "1")]
    [InlineData("Resilience:IndexApply:Retries", "1")]
    [InlineData("Resilience:Index:RetryDelay", "-00:00:01")]
    [InlineData("Resilience:Index:FailureRatio", "1.5")]
    [InlineData("Resilience:Index:FailureRatio", "NaN")]
    [InlineData("Resilience:Index:MinimumThroughput", "1")]
    [InlineData("Resilience:Index:SamplingDuration", "00:00:00.1")]
    [InlineData("Resilience:Index:BreakDuration", "00:00:00.1")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string key, string value)
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => RunningService.StartAsync(settings: (key, value)));

        Assert.Contains(key, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_take_effect()
    {
        using var app = Build(("Resilience:PostgresRead:Retries", "4"));

        Assert.Equal(5, await AttemptsAsync(app.Services.GetRequiredService<StorePipelines>().PostgresRead, PostgresAway));
    }

    private WebApplication Build(params (string, string)[] settings) =>
        RunningService.Build(builder => builder.Services.AddSingleton<TimeProvider>(time), null, settings);

    private static ResiliencePipeline PipelineOf(StorePipelines pipelines, string name) =>
        (ResiliencePipeline)typeof(StorePipelines).GetProperty(name)!.GetValue(pipelines)!;

    private static async Task AsGrpcCancelsAsync(CancellationToken token)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
        }
        catch (OperationCanceledException)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "Call canceled by the client."));
        }
    }

    private static Task<Outcome<bool>> AttemptAsync(ResiliencePipeline pipeline) => AttemptAsync(pipeline, _ => Task.CompletedTask);

    private static async Task<Outcome<bool>> AttemptAsync(ResiliencePipeline pipeline, Func<CancellationToken, Task> work, CancellationToken? caller = null)
    {
        try
        {
            await pipeline.ExecuteAsync(async token => await work(token), caller ?? TestContext.Current.CancellationToken);
            return Outcome.FromResult(true);
        }
        catch (Exception exception)
        {
            return Outcome.FromException<bool>(exception);
        }
    }

    private static async Task FailAsync(ResiliencePipeline pipeline, Exception failure) =>
        Assert.Same(failure, (await AttemptAsync(pipeline, _ => throw failure)).Exception);

    /// <summary>How often the work is tried when it always fails; the clock moves whenever a retry waits.</summary>
    private async Task<int> AttemptsAsync(ResiliencePipeline pipeline, Exception failure)
    {
        var attempts = 0;
        var execution = AttemptAsync(pipeline, _ =>
        {
            attempts++;
            throw failure;
        });
        for (var deadline = DateTime.UtcNow + WaitMax; !execution.IsCompleted;)
        {
            Assert.True(DateTime.UtcNow < deadline, "The retries wait for another clock.");
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        Assert.Same(failure, (await execution).Exception);
        return attempts;
    }
}
