using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace MemoryAspire.LocalHosting;

/// <summary>
/// Makes <see cref="ConfigurationOptions"/> out of the connection string, so that everybody else may still configure
/// them as options: the driver parses a string into new options only.
/// </summary>
internal sealed class RedisOptionsFactory(
    IServiceProvider services,
    IEnumerable<IConfigureOptions<ConfigurationOptions>> setups,
    IEnumerable<IPostConfigureOptions<ConfigurationOptions>> postConfigures,
    IEnumerable<IValidateOptions<ConfigurationOptions>> validations)
    : OptionsFactory<ConfigurationOptions>(setups, postConfigures, validations)
{
    protected override ConfigurationOptions CreateInstance(string name)
    {
        var text = services.GetKeyedService<RedisConnectionString>(name)?.Value;
        var options = string.IsNullOrWhiteSpace(text) ? new ConfigurationOptions() : ConfigurationOptions.Parse(text);

        // A Redis that is away at start is no reason to stop: the driver keeps trying. What the connection string says wins.
        if (text?.Contains("abortConnect", StringComparison.OrdinalIgnoreCase) != true) options.AbortOnConnectFail = false;
        return options;
    }
}

internal sealed record RedisConnectionString(string? Value);
