using System.Runtime.InteropServices;
using Garnet;
using MemoryAspire.LocalRedis;

// A Redis server for machines without one: LocalRedis --dir DIRECTORY --port PORT, with the password in REDIS_PASSWORD.
if (!StandInOptions.TryParse(args, Environment.GetEnvironmentVariable(StandInOptions.PasswordVariable), out var options, out var problem))
{
    Console.Error.WriteLine(problem);
    return 2;
}

using var stop = new ManualResetEventSlim();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var server = new GarnetServer(options.ToGarnetArguments());
server.Start();
Console.Out.WriteLine($"Ready to accept connections on 127.0.0.1:{options.Port}");
stop.Wait();
return 0;

void Stop(PosixSignalContext signal)
{
    // The server is disposed, and its file closed, before the process ends.
    signal.Cancel = true;
    stop.Set();
}
