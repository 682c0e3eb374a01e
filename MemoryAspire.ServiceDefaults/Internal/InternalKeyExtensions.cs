using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MemoryAspire.ServiceDefaults.Internal;

public static class InternalKeyExtensions
{
    extension(IHostApplicationBuilder builder)
    {
        /// <summary>
        /// The key between services, and both interceptors by dependency injection. A server adds
        /// <c>AddGrpc(grpc => grpc.Interceptors.Add&lt;InternalKeyServerInterceptor&gt;())</c>, a client
        /// <c>AddGrpcClient&lt;…&gt;(…).AddInterceptor&lt;InternalKeyClientInterceptor&gt;()</c>. A missing key stops the start.
        /// </summary>
        public void AddInternalKey()
        {
            builder.Services.AddOptions<InternalKeyOptions>()
                .BindConfiguration(InternalKeyOptions.Section)
                .Validate(
                    options => options.Key.Length >= InternalKeyOptions.KeyLengthMin,
                    $"{InternalKeyOptions.KeySetting} is missing or shorter than {InternalKeyOptions.KeyLengthMin} characters: every service of a stack needs the same secret there.")
                .Validate(
                    options => options.Key.All(character => character is > ' ' and <= '~'),
                    $"{InternalKeyOptions.KeySetting} may hold printable ASCII without spaces only: it travels in a header.")
                .ValidateOnStart();
            builder.Services.AddSingleton<InternalKeyServerInterceptor>();
            builder.Services.AddSingleton<InternalKeyClientInterceptor>();
        }
    }
}
