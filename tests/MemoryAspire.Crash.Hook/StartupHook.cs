using System.Diagnostics;
using System.Globalization;
using MemoryAspire.Crash.Hook;

/// <summary>
/// What .NET calls before Main. Reads <c>CRASH_AT</c> (the step), <c>CRASH_COUNT</c> (which time it is taken, 1 by default)
/// and <c>CRASH_PID</c> (whom to kill; <c>self</c>: this process). Without <c>CRASH_AT</c> it does nothing.
/// </summary>
#pragma warning disable CA1050 // The runtime looks for this name, outside of any namespace.
public static class StartupHook
#pragma warning restore CA1050
{
    private const string ListenerName = "MemoryAspire.Coordination";

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable("CRASH_AT") is not { Length: > 0 } step) return;
        var victim = Environment.GetEnvironmentVariable("CRASH_PID") is { } id and not "self" ? Number(id) : Environment.ProcessId;
        var crash = new Crash(step, Environment.GetEnvironmentVariable("CRASH_COUNT") is { } count ? Number(count) : 1, victim);
        DiagnosticListener.AllListeners.Subscribe(new Observer<DiagnosticListener>(listener =>
        {
            if (listener.Name == ListenerName) listener.Subscribe(new Observer<KeyValuePair<string, object?>>(@event => crash.Reached(@event.Key)), name => name == step);
        }));
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private sealed class Observer<T>(Action<T> next) : IObserver<T>
    {
        public void OnNext(T value) => next(value);

        public void OnError(Exception error)
        {
        }

        public void OnCompleted()
        {
        }
    }
}
