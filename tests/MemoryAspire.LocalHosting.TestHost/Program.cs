using Aspire.Hosting;
using MemoryAspire.LocalHosting.TestHost;

// "serve": a resource that answers HTTP. Otherwise an application host, to be run by a test or killed by one.
if (args is ["serve"])
{
    await TinyServer.RunAsync(int.Parse(Environment.GetEnvironmentVariable("PORT")!, System.Globalization.CultureInfo.InvariantCulture));
    return;
}

var builder = DistributedApplication.CreateBuilder(args);
var directory = builder.Configuration["directory"] ?? throw new InvalidOperationException("no directory was given");
builder.AddExecutable("sleeper", "/bin/sh", "/", "-c", "sleep 300 & echo $! > $DIRECTORY/grandchild; echo $$ > $DIRECTORY/child; wait")
    .WithEnvironment("DIRECTORY", directory);
builder.Build().Run();
File.WriteAllText(Path.Combine(directory, "returned"), "");

/// <summary>Names this assembly to those who run its entry point.</summary>
public partial class Program;
