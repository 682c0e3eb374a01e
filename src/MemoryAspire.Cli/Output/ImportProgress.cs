using Spectre.Console;

namespace MemoryAspire.Cli.Output;

/// <summary>A bar on a terminal; elsewhere a line for every tenth.</summary>
internal static class ImportProgress
{
    public static Task ShowAsync(TextWriter target, string title, int count, Func<Action, Task> work)
    {
        var output = new AnsiConsoleOutput(target);
        return output.IsTerminal ? ShowBarAsync(output, title, count, work) : ShowLinesAsync(target, title, count, work);
    }

    private static Task ShowBarAsync(AnsiConsoleOutput output, string title, int count, Func<Action, Task> work) =>
        AnsiConsole.Create(new AnsiConsoleSettings { Out = output }).Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(progress =>
            {
                var task = progress.AddTask(Markup.Escape(title), maxValue: Math.Max(1, count));
                return work(() => task.Increment(1));
            });

    private static Task ShowLinesAsync(TextWriter target, string title, int count, Func<Action, Task> work)
    {
        var done = 0;
        var gate = new Lock();
        return work(() =>
        {
            lock (gate)
            {
                done++;
                if (done * 10L / count > (done - 1) * 10L / count) target.WriteLine($"{title}: {done} of {count}");
            }
        });
    }
}
