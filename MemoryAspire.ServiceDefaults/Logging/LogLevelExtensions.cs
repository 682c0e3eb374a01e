using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Hosting;

namespace MemoryAspire.ServiceDefaults.Logging;

/// <summary>
/// What libraries say of every single call is not for the log: traces tell it. Any configuration that names a
/// category wins over this.
/// </summary>
internal static class LogLevelExtensions
{
    private static readonly string[] Talkative = ["Grpc", "Microsoft.AspNetCore", "Npgsql", "Polly", "System.Net.Http.HttpClient"];

    extension(IHostApplicationBuilder builder)
    {
        public void AddLogLevels() => builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = Talkative.Select(category => KeyValuePair.Create<string, string?>($"Logging:LogLevel:{category}", "Warning")),
        });
    }
}
