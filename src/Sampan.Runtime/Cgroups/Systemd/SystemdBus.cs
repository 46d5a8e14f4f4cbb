using Sampan.Kernel;
using Tmds.DBus.Protocol;

namespace Sampan.Runtime.Cgroups.Systemd;

/// <summary>The few calls to systemd's manager that the driver needs, over D-Bus (org.freedesktop.systemd1(5)). Loaded only with <c>--systemd-cgroup</c>.</summary>
internal sealed class SystemdBus : IDisposable
{
    private const string Destination = "org.freedesktop.systemd1", ManagerPath = "/org/freedesktop/systemd1", Manager = "org.freedesktop.systemd1.Manager";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly DBusConnection _connection;

    private SystemdBus(DBusConnection connection) => _connection = connection;

    /// <summary>Connects to the machine's systemd, or to the user's own.</summary>
    /// <exception cref="RuntimeException">There is no such bus.</exception>
    public static SystemdBus Open(bool user)
    {
        string address = Address(user);
        var connection = new DBusConnection(address);
        try
        {
            connection.ConnectAsync().AsTask().WaitAsync(s_limit).GetAwaiter().GetResult();
            return new SystemdBus(connection);
        }
        catch (Exception exception) when (exception is DBusExceptionBase or TimeoutException or IOException)
        {
            connection.Dispose();
            throw new RuntimeException($"cannot reach systemd over D-Bus at {address}: {exception.Message}; start dbus, or leave --systemd-cgroup out", RuntimeErrorKind.Failed, exception);
        }
    }

    /// <summary>The cgroup that this systemd manages, from the hierarchy's root; empty for the machine's own.</summary>
    public string ControlGroup()
    {
        MessageBuffer call;
        using (MessageWriter writer = _connection.GetMessageWriter())
        {
            writer.WriteMethodCallHeader(Destination, ManagerPath, "org.freedesktop.DBus.Properties", "Get", "ss", MessageFlags.None);
            writer.WriteString(Manager);
            writer.WriteString("ControlGroup");
            call = writer.CreateMessage();
        }
        string path = Wait(_connection.CallMethodAsync(call, static (Message message, object? _) => message.GetBodyReader().ReadVariantValue().GetString(), null), "read the manager's cgroup");
        return path == "/" ? "" : path;
    }

    /// <summary>Starts a scope and waits until systemd has moved its process.</summary>
    public void StartTransientUnit(string unit, List<SystemdProperty> properties)
    {
        RunJob($"start the scope {unit}", () =>
        {
            MessageWriter writer = _connection.GetMessageWriter();
            try
            {
                writer.WriteMethodCallHeader(Destination, ManagerPath, Manager, "StartTransientUnit", "ssa(sv)a(sa(sv))", MessageFlags.None);
                writer.WriteString(unit);
                writer.WriteString("replace");
                WriteProperties(ref writer, properties);
                ArrayStart none = writer.WriteArrayStart(DBusType.Struct);
                writer.WriteArrayEnd(none);
                return writer.CreateMessage();
            }
            finally
            {
                writer.Dispose();
            }
        });
    }

    /// <summary>Changes properties of a running unit until it ends.</summary>
    public void SetUnitProperties(string unit, List<SystemdProperty> properties)
    {
        MessageBuffer call;
        MessageWriter writer = _connection.GetMessageWriter();
        try
        {
            writer.WriteMethodCallHeader(Destination, ManagerPath, Manager, "SetUnitProperties", "sba(sv)", MessageFlags.None);
            writer.WriteString(unit);
            writer.WriteBool(true);
            WriteProperties(ref writer, properties);
            call = writer.CreateMessage();
        }
        finally
        {
            writer.Dispose();
        }
        Wait(_connection.CallMethodAsync(call), $"change the properties of {unit}");
    }

    /// <summary>Stops a unit and forgets its failure; a unit that is gone is no error.</summary>
    public void StopUnit(string unit)
    {
        try
        {
            RunJob($"stop the scope {unit}", () =>
            {
                using MessageWriter writer = _connection.GetMessageWriter();
                writer.WriteMethodCallHeader(Destination, ManagerPath, Manager, "StopUnit", "ss", MessageFlags.None);
                writer.WriteString(unit);
                writer.WriteString("replace");
                return writer.CreateMessage();
            });
        }
        catch (RuntimeException exception) when (exception.Kind == RuntimeErrorKind.NotFound)
        {
            return;
        }
        MessageBuffer reset;
        using (MessageWriter writer = _connection.GetMessageWriter())
        {
            writer.WriteMethodCallHeader(Destination, ManagerPath, Manager, "ResetFailedUnit", "s", MessageFlags.None);
            writer.WriteString(unit);
            reset = writer.CreateMessage();
        }
        try
        {
            Wait(_connection.CallMethodAsync(reset), $"reset the unit {unit}");
        }
        catch (RuntimeException exception) when (exception.Kind == RuntimeErrorKind.NotFound)
        {
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    /// <summary>A job's end comes as the signal JobRemoved, which may be sent before the reply that tells the job's path: all are kept.</summary>
    private void RunJob(string what, Func<MessageBuffer> call)
    {
        var ended = new Dictionary<string, string>();
        using var change = new SemaphoreSlim(0);
        using IDisposable watch = WaitFor(
            _connection.WatchSignalAsync<(string Job, string Result)>(
                Destination,
                ManagerPath,
                Manager,
                "JobRemoved",
                static (Message message, object? _) => ReadJob(message),
                notification =>
                {
                    if (!notification.HasValue)
                        return;
                    (string job, string result) = notification.Value;
                    lock (ended)
                        ended[job] = result;
                    _ = change.Release();
                },
                ObserverFlags.None,
                false,
                null).AsTask(),
            what);
        string path = Wait(_connection.CallMethodAsync(call(), static (Message message, object? _) => message.GetBodyReader().ReadObjectPath().ToString(), null), what);
        long deadline = Environment.TickCount64 + (long)s_limit.TotalMilliseconds;
        while (true)
        {
            string? result;
            lock (ended)
                _ = ended.TryGetValue(path, out result);
            if (result == "done")
                return;
            if (result is not null)
                throw new RuntimeException($"cannot {what}: systemd's job ended with \"{result}\"");
            if (!change.Wait((int)Math.Max(0, deadline - Environment.TickCount64)))
                throw new RuntimeException($"cannot {what}: systemd did not finish within {s_limit.TotalSeconds} seconds");
        }
    }

    private static (string Job, string Result) ReadJob(Message message)
    {
        Reader reader = message.GetBodyReader();
        _ = reader.ReadUInt32();
        string job = reader.ReadObjectPath().ToString();
        _ = reader.ReadString();
        return (job, reader.ReadString());
    }

    /// <summary>The writer is a structure with a position: a copy would leave the caller's behind.</summary>
    private static void WriteProperties(ref MessageWriter writer, List<SystemdProperty> properties)
    {
        ArrayStart array = writer.WriteArrayStart(DBusType.Struct);
        foreach (SystemdProperty property in properties)
        {
            writer.WriteStructureStart();
            writer.WriteString(property.Name);
            switch (property.Value)
            {
                case bool value: writer.WriteVariantBool(value); break;
                case string value: writer.WriteVariantString(value); break;
                case ulong value: writer.WriteVariantUInt64(value); break;
                case uint[] value:
                    writer.WriteSignature("au");
                    writer.WriteArray(value);
                    break;
                case byte[] value:
                    writer.WriteSignature("ay");
                    writer.WriteArray(value);
                    break;
                default: throw new ArgumentException($"the property {property.Name} has a value of no known type");
            }
        }
        writer.WriteArrayEnd(array);
    }

    private static string Address(bool user)
    {
        if (!user)
            return "unix:path=/run/dbus/system_bus_socket";
        if (Environment.GetEnvironmentVariable("DBUS_SESSION_BUS_ADDRESS") is { Length: > 0 } address)
            return address;
        string directory = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime ? runtime : $"/run/user/{Syscalls.GetEuid()}";
        return $"unix:path={directory}/bus";
    }

    private static void Wait(Task task, string what) => _ = Guard(() => { task.WaitAsync(s_limit).GetAwaiter().GetResult(); return true; }, what);

    private static T Wait<T>(Task<T> task, string what) => Guard(() => task.WaitAsync(s_limit).GetAwaiter().GetResult(), what);

    private static IDisposable WaitFor(Task<IDisposable> task, string what) => Wait(task, what);

    private static T Guard<T>(Func<T> call, string what)
    {
        try
        {
            return call();
        }
        catch (DBusErrorReplyException exception)
        {
            bool gone = exception.ErrorName is "org.freedesktop.systemd1.NoSuchUnit" or "org.freedesktop.systemd1.NoSuchJob";
            throw new RuntimeException($"cannot {what}: systemd says {exception.ErrorMessage} ({exception.ErrorName})", gone ? RuntimeErrorKind.NotFound : RuntimeErrorKind.Failed, exception);
        }
        catch (Exception exception) when (exception is DBusExceptionBase or TimeoutException or IOException)
        {
            throw new RuntimeException($"cannot {what}: {exception.Message}", RuntimeErrorKind.Failed, exception);
        }
    }
}
