namespace MemoryAspire.AppHost.Stacks;

/// <summary>Something the person who starts the stack can put right. The message says what and how.</summary>
internal sealed class StackProblem(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Such a problem ends the process with its message alone; a stack trace would only hide it.</summary>
    public static void ExplainUnhandled() => AppDomain.CurrentDomain.UnhandledException += (_, unhandled) =>
    {
        var problem = unhandled.ExceptionObject as Exception;
        while (problem is AggregateException { InnerException: { } inner }) problem = inner;
        if (problem is not (StackProblem or DistributedApplicationException)) return;
        Console.Error.WriteLine($"MemoryAspire cannot start: {problem.Message}");
        Environment.Exit(1);
    };
}
