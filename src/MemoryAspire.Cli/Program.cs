using MemoryAspire.Cli.Commands;

return await MemoryCli.RunAsync(args, new(Console.Out, Console.Error, Environment.GetEnvironmentVariable, Environment.CurrentDirectory, TimeProvider.System));
