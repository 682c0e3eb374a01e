using Grpc.Core;
using MemoryAspire.Contracts.Index;
using MemoryAspire.ServiceDefaults.Internal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MemoryAspire.ServiceDefaults.Tests.Internal;

public sealed class InternalKeyTests
{
    private const string Key = "0123456789abcdef";

    [Theory]
    [InlineData("")]
    [InlineData("Zx81Zx81")]
    [InlineData("0123456789 abcdef")]
    [InlineData("0123456789äbcdefg")]
    public async Task A_missing_or_unusable_key_stops_the_start_and_is_named(string key)
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() =>
            RunningService.StartAsync(builder => builder.AddInternalKey(), settings: ("Internal:Key", key)));

        Assert.Contains("Internal:Key", refused.Message, StringComparison.Ordinal);
        if (key.Length > 0) Assert.DoesNotContain(key, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_with_the_key_reaches_the_handler()
    {
        await using var server = await StartServerAsync();
        await using var caller = await StartCallerAsync(server, Key);

        var reply = await Client(caller).StatusAsync(new StatusRequest(), cancellationToken: TestContext.Current.CancellationToken);

        Assert.NotNull(reply);
    }

    [Fact]
    public async Task The_callers_own_metadata_arrives_too()
    {
        await using var server = await StartServerAsync();
        await using var caller = await StartCallerAsync(server, Key);
        var headers = new Metadata { { "authorization", "Bearer other" }, { "trace", "kept" } };

        using var call = Client(caller).StatusAsync(new StatusRequest(), headers, cancellationToken: TestContext.Current.CancellationToken);
        var answer = await call.ResponseHeadersAsync;

        Assert.Equal("kept", answer.GetValue("trace"));
        Assert.Equal(2, headers.Count);
    }

    [Theory]
    [InlineData("0123456789abcdeX")]
    [InlineData("0123456789abcdef0")]
    public async Task A_call_with_another_key_is_unauthenticated(string key)
    {
        await using var server = await StartServerAsync();
        await using var caller = await StartCallerAsync(server, key);

        var refused = await Assert.ThrowsAsync<RpcException>(async () => await Client(caller).StatusAsync(
            new StatusRequest(), cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
    }

    [Fact]
    public async Task A_call_without_a_key_is_unauthenticated()
    {
        await using var server = await StartServerAsync();
        await using var caller = await RunningService.StartAsync(
            builder => builder.Services.AddGrpcClient<MemoryIndex.MemoryIndexClient>(client => client.Address = server.Address));

        var refused = await Assert.ThrowsAsync<RpcException>(async () => await Client(caller).StatusAsync(
            new StatusRequest(), cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
    }

    [Fact]
    public async Task An_index_that_is_away_is_UNAVAILABLE_and_every_call_is_really_tried_past_the_HTTP_clients_breaker()
    {
        await using var caller = await RunningService.StartAsync(
            builder => builder.Services.AddGrpcClient<MemoryIndex.MemoryIndexClient>(client => client.Address = new Uri("http://127.0.0.1:9")));

        for (var i = 0; i < 150; i++)
        {
            var failed = await Assert.ThrowsAsync<RpcException>(async () => await Client(caller).StatusAsync(
            new StatusRequest(), cancellationToken: TestContext.Current.CancellationToken));
            Assert.Equal(StatusCode.Unavailable, failed.StatusCode);
            Assert.IsType<HttpRequestException>(failed.Status.DebugException);
        }
    }

    private static MemoryIndex.MemoryIndexClient Client(RunningService caller) =>
        caller.Services.GetRequiredService<MemoryIndex.MemoryIndexClient>();

    private static Task<RunningService> StartServerAsync() => RunningService.StartAsync(
        builder =>
        {
            builder.AddInternalKey();
            builder.Services.AddGrpc(grpc => grpc.Interceptors.Add<InternalKeyServerInterceptor>());
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2));
        },
        app => app.MapGrpcService<EchoingIndex>(),
        ("Internal:Key", Key));

    private static Task<RunningService> StartCallerAsync(RunningService server, string key) => RunningService.StartAsync(
        builder =>
        {
            builder.AddInternalKey();
            builder.Services.AddGrpcClient<MemoryIndex.MemoryIndexClient>(client => client.Address = new Uri("http://memory-index"))
                .AddInterceptor<InternalKeyClientInterceptor>();
        },
        settings: [("Internal:Key", key), ("services:memory-index:http:0", server.Address.ToString())]);

    private sealed class EchoingIndex : MemoryIndex.MemoryIndexBase
    {
        public override async Task<StatusReply> Status(StatusRequest request, ServerCallContext context)
        {
            await context.WriteResponseHeadersAsync(new Metadata { { "trace", context.RequestHeaders.GetValue("trace") ?? "" } });
            return new StatusReply();
        }
    }
}
